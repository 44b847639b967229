/** Pictures drawn here, for an album that needs no file of anybody's. */

const SIZE = 320;

/** Draws one picture; the same seed gives the same. */
export type Paint = (kind: "portrait" | "landscape", seed: number) => Promise<Blob>;

export const paint: Paint = (kind, seed) => {
  const canvas = document.createElement("canvas");
  canvas.width = SIZE;
  canvas.height = SIZE;
  const pen = canvas.getContext("2d");
  if (!pen) return Promise.reject(new Error("this browser draws no pictures"));
  const hue = (seed * 67) % 360;
  paintGround(pen, hue);
  if (kind === "portrait") paintPortrait(pen, hue);
  else paintLandscape(pen, hue, seed);
  return new Promise((tell, refuse) => {
    canvas.toBlob((blob) => (blob ? tell(blob) : refuse(new Error("no picture"))), "image/png");
  });
};

export function seedOf(text: string): number {
  return [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7);
}

function paintGround(pen: CanvasRenderingContext2D, hue: number): void {
  const ground = pen.createLinearGradient(0, 0, 0, SIZE);
  ground.addColorStop(0, `hsl(${hue} 70% 82%)`);
  ground.addColorStop(1, `hsl(${(hue + 40) % 360} 65% 62%)`);
  pen.fillStyle = ground;
  pen.fillRect(0, 0, SIZE, SIZE);
}

function paintPortrait(pen: CanvasRenderingContext2D, hue: number): void {
  pen.fillStyle = `hsl(${(hue + 200) % 360} 45% 38%)`;
  disc(pen, 160, 340, 120);
  pen.fillStyle = "#ffe2c6";
  disc(pen, 160, 150, 72);
  pen.fillStyle = `hsl(${(hue + 20) % 360} 40% 26%)`;
  pen.beginPath();
  pen.arc(160, 138, 76, Math.PI, 0);
  pen.bezierCurveTo(220, 96, 120, 96, 84, 138);
  pen.fill();
  disc(pen, 136, 158, 7);
  disc(pen, 184, 158, 7);
  pen.lineWidth = 6;
  pen.lineCap = "round";
  pen.strokeStyle = "#c4694b";
  pen.beginPath();
  pen.arc(160, 174, 22, 0.2 * Math.PI, 0.8 * Math.PI);
  pen.stroke();
}

function paintLandscape(pen: CanvasRenderingContext2D, hue: number, seed: number): void {
  pen.fillStyle = "#fff6d8";
  disc(pen, 70 + ((seed * 43) % 180), 80, 34);
  for (const [depth, light] of [58, 44, 30].entries()) {
    pen.fillStyle = `hsl(${(hue + 110) % 360} 38% ${light}%)`;
    pen.beginPath();
    pen.moveTo(0, SIZE);
    for (let x = 0; x <= SIZE; x += 8) {
      const wave = Math.sin(x / (70 - depth * 12) + seed + depth * 2) * (34 - depth * 6);
      pen.lineTo(x, 175 + depth * 48 - wave);
    }
    pen.lineTo(SIZE, SIZE);
    pen.fill();
  }
}

function disc(pen: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fill();
}
