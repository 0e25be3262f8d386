import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { zstdDecompressSync } from 'node:zlib'
import { httpCall } from '../../support/http-call.ts'
import { demoSite, UnexpectedAnswer } from '../api.ts'

const readyMilliseconds = 30_000

/** A digest of all entries of a site; it waits for a site that is starting again. */
export const digestOfEntries = async (siteUrl: string): Promise<string> => {
  const givenUpAt = performance.now() + readyMilliseconds
  for (;;) {
    try {
      const entries = (await demoSite(siteUrl).read()).map(({ id, text }) => [id, text])
      return createHash('sha256').update(JSON.stringify(entries)).digest('hex')
    } catch (error) {
      if (!(error instanceof UnexpectedAnswer) || performance.now() > givenUpAt) throw error
      await sleep(100)
    }
  }
}

export const writeEntries = async (siteUrl: string, count: number, word: string): Promise<void> => {
  for (let entry = 1; entry <= count; entry += 1) await demoSite(siteUrl).write(`${word} ${entry}`)
}

/** The page that a visitor gets if a site does not run. */
export const pageShown = async (siteUrl: string): Promise<{ readonly status: number; readonly title: string }> => {
  const { status, text } = await httpCall({ url: siteUrl, headers: { accept: 'text/html' } })
  return { status, title: /<title>([^<]*)/.exec(text)?.[1]?.trim() ?? '' }
}

/** The names of all of a site's data in a home: in place, and archived. */
export const keptOf = async (home: string, siteId: string) => {
  const namesIn = async (directory: string) =>
    (await readdir(join(home, directory))).filter((name) => name.startsWith(siteId)).toSorted()
  return { data: await namesIn('data'), archived: await namesIn('archives') }
}

/** Whether a packed archive has a file of this name. It needs no unpacker: a tar contains its names as text. */
export const hasFile = (archive: Buffer, name: string): boolean => zstdDecompressSync(archive).includes(name)
