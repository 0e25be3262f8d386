import { createHash } from 'node:crypto'

/** A weak tag: the same data in JSON has the same tag. */
export const entityTag = (body: string): string =>
  `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`

/** Whether an `If-None-Match` field has this tag, by weak comparison (RFC 9110 §13.1.2). */
export const hasTag = (field: string | undefined, tag: string): boolean =>
  (field ?? '')
    .split(',')
    .map((one) => one.trim())
    .some((one) => one === '*' || one.replace(/^W\//, '') === tag.replace(/^W\//, ''))
