/** Something that the person at the terminal can put right. Its message says how; a stack trace would only hide it. */
export class StartUpError extends Error {
  override readonly name = 'StartUpError'
}
