import type { CellDescription } from '../../adapters/ssm/cell-description.ts'

/** Makes something of a cell once for each description that it gives of itself: a deploy may change what it says. */
export const oncePerCell = <Made>(make: (cell: CellDescription) => Made): ((cell: CellDescription) => Made) => {
  const made = new Map<string, Made>()
  return (cell) => {
    const key = JSON.stringify(cell)
    const known = made.get(key) ?? make(cell)
    made.set(key, known)
    return known
  }
}
