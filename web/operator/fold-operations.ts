interface Entry {
  readonly id: string
  readonly kind: 'event' | 'operation' | 'step' | 'mail' | 'failure'
  readonly type: string
  readonly details: Readonly<Record<string, unknown>>
}

const begins: ReadonlySet<string> = new Set(['SiteOperationBegun', 'SiteRequested'])

/** The version of the site that began the operation: its workflows, and what they cause, are named after it. */
const fenceOf = ({ id, details }: Entry): string | undefined =>
  /^[a-z-]+-site_[0-9a-z]{26}-(\d+)/.exec(String(details['causationId'] ?? id))?.[1]

/**
 * Joins the entries of each operation: its end, what it changed, its failures and steps, and its begin. Other entries stay alone.
 * @param entries newest first. Operations of a site follow each other.
 */
export const foldOperations = <Known extends Entry>(entries: readonly Known[]): readonly (readonly Known[])[] => {
  const rows: Known[][] = []
  let open: { readonly row: Known[]; fence: string | undefined } | undefined
  for (const entry of entries) {
    const fence = fenceOf(entry)
    const isPart = fence !== undefined || (entry.kind !== 'event' && entry.kind !== 'mail')
    const isSame = open?.fence === undefined || fence === undefined || open.fence === fence
    if (open !== undefined && isPart && isSame && entry.type !== 'SiteOperationEnded') {
      open.row.push(entry)
      open.fence ??= fence
    } else {
      const row = [entry]
      rows.push(row)
      if (isPart) open = { row, fence }
    }
    // A phase within an operation begins too, at a later version.
    if (
      begins.has(entry.type) &&
      (open?.fence ?? String(entry.details['version'])) === String(entry.details['version'])
    )
      open = undefined
  }
  return rows
}
