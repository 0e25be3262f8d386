export interface Logs {
  readonly containers: readonly { readonly container: string; readonly lines: readonly string[] }[]
  readonly cursor: string
}

/** How many lines of a container are shown. */
const mostLines = 500

/** What was read before, and what was written since: the last lines of each container. */
export const joinLogs = (known: Logs | undefined, next: Logs): Logs => {
  const before = new Map(known?.containers.map(({ container, lines }) => [container, lines]))
  const since = new Map(next.containers.map(({ container, lines }) => [container, lines]))
  const names = [...new Set([...before.keys(), ...since.keys()])]
  return {
    cursor: next.cursor,
    containers: names.map((container) => ({
      container,
      lines: [...(before.get(container) ?? []), ...(since.get(container) ?? [])].slice(-mostLines),
    })),
  }
}
