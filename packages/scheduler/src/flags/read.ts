/** What reading a flag's text gives: a value, or what is wrong with it and what to do. */
export type Read<T> = { value: T } | { wrong: string };

export function wrong(message: string): { wrong: string } {
  return { wrong: message };
}
