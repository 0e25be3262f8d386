/** Whom an answer goes to: a response of Node's server, or a connection that has left it. */
export interface Visitor {
  /** Whether they have gone. */
  readonly destroyed: boolean
  /** `close`: they have been answered, or have gone. */
  readonly once: (event: 'close', listener: () => void) => unknown
  readonly off: (event: 'close', listener: () => void) => unknown
}
