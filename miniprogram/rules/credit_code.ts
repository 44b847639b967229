const ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const FORM = /^[0-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}$/;

/**
 * What is wrong with a 统一社会信用代码, or `null`. GB 32100-2015: eighteen characters of 31, the
 * last of which makes the weighted sum a multiple of 31. The server judges again; this one spares
 * a person the wait, and the verification code that a refused form would make him ask for anew.
 */
export function creditCodeFault(text: string): string | null {
  const code = text.trim().toUpperCase();
  if (code.length !== 18) return `统一社会信用代码为 18 位，现在是 ${code.length} 位`;
  if (!FORM.test(code)) return "统一社会信用代码由数字和大写字母组成，不含 I、O、S、V、Z";
  let sum = 0;
  let weight = 1;
  for (const character of code.slice(0, 17)) {
    sum += ALPHABET.indexOf(character) * weight;
    weight = (weight * 3) % 31;
  }
  const fits = (sum + ALPHABET.indexOf(code.charAt(17))) % 31 === 0;
  return fits ? null : "统一社会信用代码校验不通过，请检查是否输错";
}
