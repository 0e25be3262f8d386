import { closeSync, constants, openSync } from 'node:fs'
import { hasCode } from '../durable-files/replace-file.ts'

const isLinux = process.platform === 'linux'

/** Names a file without opening it: no permission is needed. Node lacks the name; the value is Linux's. */
const asName = isLinux ? 0o10000000 : 0
const asDirectory = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW | asName

/** Undefined for an entry that the site removed or replaced meanwhile. */
export const unlessGone = (error: unknown): undefined => {
  if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined
  throw error
}

/**
 * A tree that somebody else may change at any time. Paths are relative to it, with one character per byte (`latin1`), and empty for the tree
 * itself. Every directory on a path is opened from the one above it, never through a link, and stays open while it is on the path of the last
 * call: what is renamed meanwhile cannot lead out of the tree. The kernel resolves `/proc/self/fd/<number>/<name>` as openat(2) does.
 * Results are valid until the next call. Elsewhere than on Linux they are plain paths: there, sites run as this process's user.
 */
export interface HeldTree extends Disposable {
  /** An entry, for calls that follow no link in the last place: `lstat`, `lchown`, `unlink`, `open` with `O_NOFOLLOW`. */
  readonly place: (path: string) => Buffer
  /** A directory itself, for calls that follow links: `opendir`, `stat`, `chmod`. @throws ENOTDIR where it is none. */
  readonly inside: (path: string) => Buffer
}

/** @param root is followed as it is, so nobody else may be able to replace it or what is above it. */
export const holdTree = (root: string | Buffer): HeldTree => {
  const held: { readonly name: string; readonly descriptor: number }[] = []

  const release = (from: number): void => {
    for (const { descriptor } of held.splice(from)) closeSync(descriptor)
  }

  const here = (): Buffer => {
    if (isLinux) return Buffer.from(`/proc/self/fd/${held.at(-1)?.descriptor}`)
    return Buffer.concat([Buffer.from(root), ...held.slice(1).map(({ name }) => Buffer.from(`/${name}`, 'latin1'))])
  }
  const below = (name: string): Buffer => Buffer.concat([here(), Buffer.from(`/${name}`, 'latin1')])

  const enter = (place: Buffer, name: string): void => {
    held.push({ name, descriptor: openSync(place, asDirectory) })
  }

  const descend = (names: readonly string[]): void => {
    if (held.length === 0) enter(Buffer.from(root), '')
    const other = names.findIndex((name, index) => held[index + 1]?.name !== name)
    release(other === -1 ? names.length + 1 : other + 1)
    for (const name of names.slice(held.length - 1)) enter(below(name), name)
  }

  return {
    place: (path) => {
      const names = path.split('/')
      const name = names.pop() ?? ''
      descend(names)
      return below(name === '' ? '.' : name)
    },
    inside: (path) => {
      descend(path === '' ? [] : path.split('/'))
      return here()
    },
    [Symbol.dispose]: () => release(0),
  }
}
