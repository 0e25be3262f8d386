interface Entry {
  readonly kind: 'event' | 'operation' | 'step' | 'mail' | 'failure'
  readonly type: string
}

const begins: ReadonlySet<string> = new Set(['SiteOperationBegun', 'SiteRequested'])

/**
 * Joins the entries of each operation: its end, its failures and steps, and its begin. Other entries stay alone.
 * @param entries newest first. Operations of a site follow each other.
 */
export const foldOperations = <Known extends Entry>(entries: readonly Known[]): readonly (readonly Known[])[] => {
  const rows: Known[][] = []
  let open: Known[] | undefined
  for (const entry of entries) {
    const isOther = entry.kind === 'event' || entry.kind === 'mail'
    if (isOther || open === undefined || entry.type === 'SiteOperationEnded') {
      const row = [entry]
      rows.push(row)
      if (!isOther) open = row
    } else {
      open.push(entry)
    }
    if (begins.has(entry.type)) open = undefined
  }
  return rows
}
