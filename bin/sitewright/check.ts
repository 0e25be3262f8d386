import type { FieldProblem } from '../../core/errors.ts'
import type { FileProblem } from './failure.ts'
import { readSiteFile } from './read-file.ts'

/** What a site does by default so that an attack reaches little, and the file gives up. */
const relaxationsOf = ({
  containers,
  outbound,
  access,
  publicPages,
}: Awaited<ReturnType<typeof readSiteFile>>['file']) => {
  const relaxed: (FieldProblem & { readonly hardening: 'root' | 'outbound' | 'public' })[] = []
  for (const [index, { name, capabilities }] of containers.entries()) {
    if (capabilities === undefined) continue
    const message = `'${name}' starts as root, with ${capabilities.join(', ')}. Prefer an image that starts as another user.`
    relaxed.push({ hardening: 'root', path: `containers.${index}.capabilities`, message })
  }
  if (outbound === 'internet') {
    const message = 'its programs can reach the internet, and so can whoever breaks into one of them.'
    relaxed.push({ hardening: 'outbound', path: 'outbound', message })
  }
  if (access === 'public') {
    relaxed.push({
      hardening: 'public',
      path: 'access',
      message: 'everybody gets in. With `owner`, the default, nobody but its owner does.',
    })
  }
  if (publicPages !== undefined) {
    const message = `everybody may use ${publicPages.join(', ')}, also if they look like a set-up page.`
    relaxed.push({ hardening: 'public', path: 'publicPages', message })
  }
  return relaxed
}

export interface Checked {
  readonly name: string
  readonly relaxed: readonly (FileProblem & { readonly hardening: string })[]
  /** What depends on the platform. */
  readonly notes: readonly string[]
}

/** @throws {Failure} with all mistakes of the file. */
export const checkFile = async (path: string | undefined): Promise<Checked> => {
  const { name, file, locate } = await readSiteFile(path)
  const { anonymise, containers } = file
  const hasProcess = containers.some(({ process }) => process !== undefined)
  return {
    name,
    relaxed: relaxationsOf(file).flatMap(({ hardening, ...field }) =>
      locate([field]).map((one) => ({ hardening, ...one })),
    ),
    notes:
      anonymise && hasProcess
        ? ['On a host that runs plain processes, the command of `anonymise` can reach the network.']
        : [],
  }
}

export const checkedText = ({ name, relaxed, notes }: Checked): string =>
  [
    `${name} is valid.`,
    ...(relaxed.length === 0
      ? ['It relaxes no hardening: no root, no way out to the internet, closed to strangers.']
      : []),
    ...relaxed.map(
      ({ hardening, line, path, message }) => `${name}:${line}: ${path} relaxes '${hardening}': ${message}`,
    ),
    ...notes,
  ].join('\n')
