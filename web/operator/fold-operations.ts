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

const isWork = ({ kind }: Entry): boolean => kind !== 'event' && kind !== 'mail'

const isSame = (one: string | undefined, other: string | undefined): boolean =>
  one === undefined || other === undefined || one === other

/**
 * Joins the entries of each operation: its end, what it changed, its failures and steps, and its begin. Other entries stay alone.
 * @param entries newest first. Operations of a site follow each other.
 */
export const foldOperations = <Known extends Entry>(entries: readonly Known[]): readonly (readonly Known[])[] => {
  const rows: Known[][] = []
  let open: { readonly row: Known[]; fence: string | undefined } | undefined
  for (const entry of entries) {
    const fence = fenceOf(entry)
    // A phase within an operation begins too, at a later version.
    const isBegin = open?.fence === undefined ? begins.has(entry.type) : open.fence === String(entry.details['version'])
    const isPart = fence !== undefined || isWork(entry)
    if (
      open !== undefined &&
      (isBegin || (isPart && isSame(open.fence, fence))) &&
      entry.type !== 'SiteOperationEnded'
    ) {
      open.row.push(entry)
      open.fence ??= fence
    } else {
      const row = [entry]
      rows.push(row)
      if (isPart) open = { row, fence }
    }
    if (isBegin) open = undefined
  }
  return rows
}
