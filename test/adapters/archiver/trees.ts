import { createHash } from 'node:crypto'
import {
  chmod,
  link,
  lstat,
  lutimes,
  mkdir,
  readdir,
  readFile,
  readlink,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import * as fc from 'fast-check'

/** Something of a data directory; names and contents are bytes. */
type Node =
  | { readonly kind: 'file'; readonly content: Uint8Array; readonly mode: number; readonly holes: number }
  | { readonly kind: 'directory'; readonly mode: number; readonly inside: readonly (readonly [Uint8Array, Node])[] }
  | { readonly kind: 'symlink'; readonly target: Uint8Array }
  /** To one of the files made before, if there is one. */
  | { readonly kind: 'hardlink'; readonly which: number }

export type Tree = readonly (readonly [Uint8Array, Node])[]

const byte = fc.integer({ min: 1, max: 255 }).filter((value) => value !== 0x2f)
const rawName = fc
  .oneof(
    { weight: 3, arbitrary: fc.array(byte, { minLength: 1, maxLength: 12 }).map((bytes) => Uint8Array.from(bytes)) },
    {
      weight: 3,
      arbitrary: fc
        .string({ unit: 'grapheme', minLength: 1, maxLength: 10 })
        .map((text) => new TextEncoder().encode(text.replaceAll(/[/\0]/g, '_'))),
    },
    {
      weight: 2,
      arbitrary: fc
        .constantFrom('a', 'b', '-rf', ' ', '\n', '...', '*', 'a\tb', '\u{1F600}', 'ä', 'A', 'pax')
        .map((text) => new TextEncoder().encode(text)),
    },
    { weight: 1, arbitrary: fc.integer({ min: 95, max: 255 }).map((length) => new Uint8Array(length).fill(0x78)) },
    { weight: 1, arbitrary: fc.integer({ min: 95, max: 255 }).map((length) => new Uint8Array(length).fill(0xff)) },
  )
  .filter((name) => name.length <= 255 && !['.', '..'].includes(Buffer.from(name).toString('latin1')))

const mode = fc.integer({ min: 0, max: 0o7777 })
const content = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc
    .constantFrom(0, 511, 512, 513, 4095, 4096, 4097, 70_000, 140_000)
    .map((length) => new Uint8Array(length).fill(length % 251)),
)

const { tree } = fc.letrec<{ tree: Tree; node: Node }>((tie) => ({
  tree: fc.uniqueArray(fc.tuple(rawName, tie('node')), {
    maxLength: 6,
    selector: ([name]) => Buffer.from(name).toString('latin1'),
  }),
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ kind: fc.constant('file' as const), content, mode, holes: fc.constantFrom(0, 0, 0, 1, 5, 40) }),
    fc.record({
      kind: fc.constant('symlink' as const),
      target: fc.oneof(
        rawName,
        fc.constantFrom('/etc/passwd', '../..', 'a/b').map((text) => new TextEncoder().encode(text)),
      ),
    }),
    fc.record({ kind: fc.constant('hardlink' as const), which: fc.nat(20) }),
    fc.record({ kind: fc.constant('directory' as const), mode, inside: tie('tree') }),
  ),
}))
export const anyTree: fc.Arbitrary<Tree> = tree

const page = 4096

const below = (directory: Buffer, name: Uint8Array): Buffer => Buffer.concat([directory, Buffer.from('/'), name])

const makeFile = async (place: Buffer, node: Extract<Node, { kind: 'file' }>): Promise<void> => {
  await writeFile(place, node.content)
  if (node.holes > 0) {
    await truncate(place, node.content.length + node.holes * page)
    await writeFile(place, node.content, { flag: 'a' })
  }
}

const make = async (place: Buffer, node: Node, files: Buffer[]): Promise<void> => {
  switch (node.kind) {
    case 'file':
      await makeFile(place, node)
      files.push(place)
      return chmod(place, node.mode)
    case 'symlink':
      return symlink(Buffer.from(node.target), place)
    case 'hardlink': {
      const source = files[node.which % Math.max(1, files.length)]
      return source === undefined ? undefined : link(source, place)
    }
    case 'directory':
      await mkdir(place)
      await plant(place, node.inside, files)
      return chmod(place, node.mode)
  }
}

/** Makes a tree, and gives it times that file systems keep exactly. */
export const plant = async (directory: Buffer, planted: Tree, files: Buffer[] = []): Promise<void> => {
  for (const [name, node] of planted) {
    const place = below(directory, name)
    await make(place, node, files)
    if (node.kind !== 'hardlink') await lutimes(place, 1_700_000_000.25, 1_700_000_000.25)
  }
}

/** All there is in a directory, for comparison; what shares an inode says with which path first. */
export const inventory = async (root: string): Promise<readonly string[]> => {
  const lines: string[] = []
  const inodes = new Map<string, string>()
  const visit = async (directory: Buffer, path: string): Promise<void> => {
    const names = (await readdir(directory, { encoding: 'buffer' })).toSorted(Buffer.compare)
    for (const name of names) {
      const place = below(directory, name)
      const inside = `${path}/${name.toString('latin1')}`
      const stat = await lstat(place, { bigint: true })
      const about = `${inside} ${(stat.mode & 0o7777n).toString(8)} ${stat.mtimeMs}`
      const same = inodes.get(String(stat.ino))
      if (stat.isDirectory()) {
        lines.push(`directory ${about}`)
        await visit(place, inside)
      } else if (stat.isSymbolicLink()) {
        lines.push(`symlink ${about} ${(await readlink(place, { encoding: 'buffer' })).toString('latin1')}`)
      } else {
        const digest = createHash('sha256')
          .update(await readFile(place))
          .digest('hex')
        lines.push(`file ${about} ${stat.size} ${digest} ${same ?? 'first'}`)
        inodes.set(String(stat.ino), same ?? inside)
      }
    }
  }
  await visit(Buffer.from(root), '')
  return lines
}
