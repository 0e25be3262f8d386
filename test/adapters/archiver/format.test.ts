import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, link, mkdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { entryLine, parseEntryLine } from '../../../adapters/archiver/manifest-entry.ts'
import { tarHeader } from '../../../adapters/archiver/tar.ts'
import { findProgram } from '../../bench/router/find-program.ts'
import { canTest } from '../../support/can-test.ts'
import { copyJob, openScene } from './scene.ts'
import { inventory } from './trees.ts'

const run = promisify(execFile)

const page = await readFile(new URL('../../../docs/archives.md', import.meta.url), 'utf8')

/** The commands of a section of the page, as somebody would type them. */
const commandsOf = (heading: string): string => {
  const section = page.split(/^## /m).find((part) => part.startsWith(heading))
  return /```sh\n([\s\S]*?)```/.exec(section ?? '')?.[1] ?? ''
}

const hasPrograms = canTest(
  (await findProgram('zstd')) !== undefined && (await findProgram('tar')) !== undefined,
  'archives are not opened with the programs that know the format: tar or zstd is missing',
)

const copied = async () => {
  const scene = await openScene()
  const { data } = scene
  await mkdir(join(data, 'notes', 'empty'), { recursive: true })
  await mkdir(join(data, ...Array.from({ length: 5 }, () => 'deep'.repeat(40))), { recursive: true })
  await writeFile(join(data, 'notes', 'a name\nof two lines'), 'content', { mode: 0o640 })
  await writeFile(join(data, 'ä'.repeat(70)), 'a long name that is not ASCII')
  await writeFile(Buffer.concat([Buffer.from(`${data}/`), Buffer.from([0xff, 0xfe])]), 'a name that is no text')
  await writeFile(Buffer.concat([Buffer.from(`${data}/`), Buffer.alloc(150, 0xff)]), 'a long name that is no text')
  await link(join(data, 'ä'.repeat(70)), join(data, 'second name'))
  await symlink('/somewhere/else', join(data, 'link'))
  await writeFile(join(data, 'sparse'), '')
  await truncate(join(data, 'sparse'), 1_000_000)
  expect(await scene.attempt(copyJob())).toMatchObject({ state: 'done' })
  return scene
}

describe.runIf(hasPrograms)('the commands that the page gives', () => {
  it('unpack an archive to what was archived, and check it', async () => {
    await using scene = await copied()
    const files = join(scene.root, 'by-hand')
    await mkdir(join(files, 'restored'), { recursive: true })
    const stored = join(scene.archiveDirectory, 'site_01jq3v5k8m0000000000000000+arc_01jq3v5k8m0000000000000000')
    await cp(`${stored}.tar.zst.archive`, join(files, 'archive.tar.zst'))
    await cp(`${stored}.manifest.jsonl.archive`, join(files, 'archive.manifest.jsonl'))
    const { stdout } = await run('sh', ['-e', '-c', commandsOf('By hand')], { cwd: files })
    expect(await inventory(join(files, 'restored'))).toEqual(await inventory(scene.data))
    const digest = createHash('sha256')
      .update(await readFile(join(files, 'archive.tar.zst')))
      .digest('hex')
    expect(stdout).toContain(digest)
    expect(stdout).toContain(`"contentSha256":"${digest}"`)
  })

  it('make the same tar file with Node alone', async () => {
    await using scene = await copied()
    const files = join(scene.root, 'by-hand')
    await mkdir(files)
    const stored = join(scene.archiveDirectory, 'site_01jq3v5k8m0000000000000000+arc_01jq3v5k8m0000000000000000')
    await cp(`${stored}.tar.zst.archive`, join(files, 'archive.tar.zst'))
    await run('sh', ['-e', '-c', commandsOf('Without zstd')], { cwd: files })
    await run('zstd', ['-q', '-d', 'archive.tar.zst', '-o', 'expected.tar'], { cwd: files })
    expect(await readFile(join(files, 'archive.tar'))).toEqual(await readFile(join(files, 'expected.tar')))
  })
})

/** Archives of version 1 are read by making these bytes again: to change them is to lose the archives there are. */
describe('version 1', () => {
  it.each([
    [
      'a plain file',
      { path: 'notes.txt', type: 'file', size: 5, mode: 0o644, mtime: '1767225600' },
      512,
      'e9417fabe1e1283c0854996c5a74f90e7d7b5435def618b178d8cfa67fdcb8c4',
    ],
    [
      'a directory with a fraction of a second',
      { path: 'ä', type: 'directory', mode: 0o1750, mtime: '1767225600.123456789' },
      1536,
      'b1d0f15e1cb2c85804e90b4457a7a235d9a752a57f91d2f8b1979af88966dd20',
    ],
    [
      'a file of more than 8 GiB before 1970',
      { path: `${'x'.repeat(120)}/y`, type: 'file', size: 9_000_000_000, mode: 0, mtime: '-0.5' },
      1536,
      'bb1c3d8e60f9c28b77e5db0d2c2dea004962e60c506b564eac68bca50a05320b',
    ],
    [
      'a link whose names are no text',
      { path: '\xff', type: 'symlink', target: '\xfe'.repeat(120), mode: 0o777, mtime: '1' },
      1536,
      'ff3b9023e51bf9f30d14c8a93d295457de7bb5b7912614d1c63a972ed2aa0d1e',
    ],
  ] as const)('writes %s as it always has', (_, head, length, digest) => {
    const header = tarHeader(head)
    expect(header).toHaveLength(length)
    expect(createHash('sha256').update(header).digest('hex')).toBe(digest)
  })

  it.each([
    '{"path":"a","type":"file","size":5,"sha256":"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824","mode":"0644","mtime":"1767225600"}',
    '{"pathBase64":"/w==","type":"directory","mode":"0755","mtime":"1767225600.25"}',
    '{"path":"s","type":"symlink","targetBase64":"/w==","mode":"0777","mtime":"-1"}',
    '{"path":"h","type":"hardlink","target":"a","mode":"0644","mtime":"0"}',
    '{"path":"p","type":"skipped","was":"fifo","mode":"0600","mtime":"0.000000001"}',
  ])('reads the line %s and writes it the same', (line) => {
    expect(entryLine(parseEntryLine(line))).toBe(line)
  })

  it.each([
    '{"type":"file","path":"a","size":5,"sha256":"","mode":"0644","mtime":"1"}',
    '{"path":"a","type":"directory","mode":"0755","mtime":"1","more":1}',
    '{"path":"a","type":"directory","mode":"0755","mtime":"1.0"}',
    '{"path":"a", "type":"directory","mode":"0755","mtime":"1"}',
    '{"pathBase64":"YQ==","type":"directory","mode":"0755","mtime":"1"}',
    '{"path":"a","pathBase64":"YQ==","type":"directory","mode":"0755","mtime":"1"}',
    '{"path":"a","type":"device","mode":"0755","mtime":"1"}',
  ])('reads no %s', (line) => {
    expect(() => parseEntryLine(line)).toThrow()
  })
})
