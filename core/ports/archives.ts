export interface StoredArchive {
  readonly key: string
  readonly bytes: number
}

/**
 * Where archives are kept. A key is words of lower-case letters, digits, `_`, `-` and `.`, separated by slashes, such as
 * `site_01j…/01j….tar`, and at most 180 characters; every call throws a `TypeError` at any other.
 */
export interface ArchiveStore {
  /**
   * Stores what the content gives, whole or not at all, in the place of what the key had before. It takes the content as
   * fast as it can store it, and holds little of it in memory at a time.
   * @throws whatever the content throws.
   */
  readonly put: (key: string, content: AsyncIterable<Uint8Array>) => Promise<void>
  /** The content, to be read once and by whoever asked for it; undefined where the key has none. */
  readonly open: (key: string) => Promise<AsyncIterable<Uint8Array> | undefined>
  /** What has a key that begins so, in the order of their keys. */
  readonly list: (prefix: string) => AsyncIterable<StoredArchive>
  /** Removes what the key has, if it has anything. */
  readonly remove: (key: string) => Promise<void>
}

const word = /^(?!\.+$)[a-z0-9_.-]+$/

/** @throws {TypeError} */
export const requireArchiveKey = (key: string): void => {
  if (key.length <= 180 && key.split('/').every((part) => word.test(part))) return
  throw new TypeError(`'${key}' cannot be the key of an archive`)
}
