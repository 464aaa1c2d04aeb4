/** Numbers of steps as a teacher writes them: 一 二 三 … 十一. */

const DIGITS = "〇一二三四五六七八九";

/** `number` from 1 to 99 in Chinese numerals on a Chinese page, else in figures. */
export function stepNumber(number: number, chinese: boolean): string {
  if (!chinese || number > 99) return String(number);
  const [tens, ones] = [Math.floor(number / 10), number % 10];
  const ten = tens === 0 ? "" : tens === 1 ? "十" : `${DIGITS[tens] ?? ""}十`;
  return ten + (ones === 0 ? "" : (DIGITS[ones] ?? ""));
}
