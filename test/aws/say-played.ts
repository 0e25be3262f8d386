/** Says on the tests' output what the emulator does not model and a test plays itself. */
export const sayPlayed = (what: string): void => {
  process.stderr.write(`played by the test: ${what}\n`)
}
