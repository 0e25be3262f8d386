import { SitewrightError } from '../../core/errors.ts'
import { longestLine } from './manifest.ts'

const lineEnd = 0x0a

/**
 * The lines of a manifest, without their ends.
 * @throws {SitewrightError} `ArchiveDamaged` where a line is longer than one can be, or the last one has no end.
 */
export const readLines = async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = Buffer.alloc(0)
  for await (const chunk of source) {
    rest = Buffer.concat([rest, chunk])
    for (let end = rest.indexOf(lineEnd); end >= 0; end = rest.indexOf(lineEnd)) {
      yield rest.toString('utf8', 0, end)
      rest = rest.subarray(end + 1)
    }
    if (rest.length > longestLine) throw new SitewrightError('ArchiveDamaged', 'A line of the manifest is too long.')
  }
  if (rest.length > 0) throw new SitewrightError('ArchiveDamaged', 'The manifest ends early.')
}
