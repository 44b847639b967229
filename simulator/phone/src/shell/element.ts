/** Builds DOM by hand: the page's policy allows neither markup in texts nor `style` attributes. */

type Child = Node | string | null | undefined;
type Props = {
  class?: string;
  text?: string;
  attributes?: Record<string, string>;
  onClick?: (event: MouseEvent) => void;
};

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (props.class !== undefined) made.className = props.class;
  if (props.text !== undefined) made.textContent = props.text;
  for (const [name, value] of Object.entries(props.attributes ?? {}))
    made.setAttribute(name, value);
  if (props.onClick) made.addEventListener("click", props.onClick as EventListener);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function button(props: Props & { label?: string }, ...children: Child[]): HTMLButtonElement {
  const label = props.label === undefined ? {} : { "aria-label": props.label };
  const attributes = { type: "button", ...label, ...props.attributes };
  return element("button", { ...props, attributes }, ...children);
}

const SVG = "http://www.w3.org/2000/svg";

/** A line drawing in the colour of the text around it. */
export function icon(name: string, box: string, ...paths: string[]): SVGSVGElement {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", box);
  drawing.setAttribute("class", `phone-icon phone-icon-${name}`);
  drawing.setAttribute("aria-hidden", "true");
  for (const data of paths) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", data);
    drawing.append(path);
  }
  return drawing;
}
