/** Both ends included, in bytes. */
interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * The one range that a `Range` field asks for, which players of films do.
 * @returns undefined where the whole is to be sent: no field, another unit, several ranges, or one that is no range
 *   (RFC 9110 §14.2 lets us ignore them); 'unsatisfiable' where it begins after the end.
 */
export const byteRangeIn = (field: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined => {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(field ?? '') ?? []
  if (first === '' && last === '') return undefined
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 }
  }
  const start = Number(first)
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (last !== '' && Number(last) < start) return undefined
  return start >= size ? 'unsatisfiable' : { start, end }
}
