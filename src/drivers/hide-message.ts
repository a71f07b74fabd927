/** Keeps the message of a driver's error, which repeats values, out of what is printed; code may still read it. */
export function hideMessage(error: Error, replacement: string): void {
  const { message, stack } = error;
  if (stack !== undefined && message !== "") error.stack = stack.replace(message, () => replacement);
}
