/** The widest that a letter of a monospaced font is, by the size of the font: the usual ones have 0.55 to 0.602. */
const LETTER = 0.62;

/** Letters beyond Latin, which another font may have to stand in for, are as wide as they are high at most. */
const WIDE_LETTER = 2 * LETTER;

/** How wide text is at most, in pixels, in a monospaced font. */
export function widthOf(text: string, fontSize: number): number {
  let width = 0;
  for (const letter of visible(text)) width += letter <= "\u024f" ? LETTER : WIDE_LETTER;
  return Math.ceil(width * fontSize);
}

/** What turns the direction of text around, also of the text after it. */
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text with a sign for what XML can't hold, or what can't be seen. */
export function visible(text: string): string {
  return text
    .toWellFormed()
    .replace(/\p{Cc}/gu, (letter) => (letter < " " ? String.fromCodePoint(0x2400 + letter.charCodeAt(0)) : "\ufffd"))
    .replace(/[\u2028\u2029\ufffe\uffff]/g, "\ufffd")
    .replace(TURNING, "\ufffd")
    .replace(/^ +$/, (blanks) => "␣".repeat(blanks.length));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as XML and HTML have it, between tags and in attributes. */
export function escaped(text: string): string {
  return visible(text).replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? letter);
}

/** Text cut to a number of letters. */
export function shortened(text: string, length: number): string {
  const letters = [...text];
  return letters.length <= length ? text : `${letters.slice(0, length - 1).join("")}…`;
}
