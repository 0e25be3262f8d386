/** What the exit code of the command says. */
export const exitCodes = {
  done: 0,
  /** The site or the deployment does not work, or nobody saw how an accepted one ended. */
  failed: 1,
  /** The command or the file has a mistake. */
  mistake: 2,
  signIn: 3,
  /** The server understood, and refuses. */
  refused: 4,
  /** No answer, or one that may change by itself: try again. */
  again: 5,
} as const
export type Ending = keyof typeof exitCodes

/** A mistake in the file, for people. */
export interface FileProblem {
  readonly path: string
  /** From 1. */
  readonly line: number
  readonly message: string
  readonly allowed?: readonly string[]
  readonly nearest?: string
}

/** A command that ends without its result. The message says what to do. */
export class Failure extends Error {
  readonly ending: Ending
  readonly problems: readonly FileProblem[]

  constructor(ending: Ending, message: string, problems: readonly FileProblem[] = []) {
    super(message)
    this.ending = ending
    this.problems = problems
  }
}
