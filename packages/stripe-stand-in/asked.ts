/** A request besides the API. */
export interface Asked {
  readonly method: string
  /** Below the stand-in's address. */
  readonly path: string
  readonly body: string
}

/** What is answered to it, as functions answer. */
export interface Result {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}
