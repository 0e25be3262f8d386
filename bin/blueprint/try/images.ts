import { posix } from 'node:path'
import * as z from 'zod'
import type { Engine } from '../../../adapters/containers/engine.ts'
import { refusalOf } from '../../../adapters/containers/engine-error.ts'
import { imageProvider } from '../../../adapters/containers/images.ts'
import type { Blueprint, BlueprintContainer } from '../../../core/blueprint/blueprint.ts'
import { type ImageCause, imageCauseOf } from '../../../lambdas/blueprints/image-cause.ts'
import { type Finding, findingsOf, reasonOf } from './findings.ts'
import type { Stage } from './stage.ts'

/** A login is the client's: the engine pulls nothing with it for Sitewright. */
export const pullByHand =
  'Pull it by hand after a login (`docker login`, `docker pull`). Sitewright uses an image that is there.'

/** Why an image cannot be had, in words, and what to change. */
const meanings: Readonly<Record<Exclude<ImageCause, 'unknown'>, { readonly words: string; readonly change: string }>> =
  {
    'credentials-needed': {
      words: 'the registry asks for credentials, or there is no such repository',
      change: pullByHand,
    },
    'wrong-architecture': {
      words: 'it is not made for the architecture of this machine',
      change: 'Take an image for this architecture, or give it a `build`.',
    },
    'image-not-found': {
      words: 'the registry has no such image or tag; a digest disappears when its tag moved',
      change: 'Correct `image`.',
    },
    'registry-unreachable': {
      words: 'the registry cannot be reached',
      change: 'Try again later, or provide the image by hand.',
    },
  }

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? ''

const { note, wrong } = findingsOf('image')

/** One line on an image that could not be provided. */
export const imageFailure = (
  { image, build }: Pick<BlueprintContainer, 'image' | 'build'>,
  reason: string,
): Finding => {
  if (build !== undefined)
    return wrong(`${image} could not be built: ${lastLine(reason)}`, 'Correct `build` or the Dockerfile.')
  const cause = imageCauseOf(reason)
  const { words, change } =
    cause === 'unknown' ? { words: lastLine(reason), change: 'Correct `image`.' } : meanings[cause]
  return wrong(`${image} cannot be had: ${words}.`, change)
}

const imageSchema = z.object({
  Size: z.number(),
  Created: z.string().optional(),
  RepoDigests: z.array(z.string()).nullish(),
})

const distributionSchema = z.object({ Descriptor: z.object({ digest: z.string() }) })

const gibibyte = 1024 ** 3

interface Call {
  readonly caller: string
  readonly command: readonly string[] | undefined
}

/** The commands that run in the image of a container. */
const callsIn = (
  { traffic, handOver, release }: Blueprint,
  { name, command, health }: BlueprintContainer,
): readonly Call[] => [
  { caller: `'${name}'`, command },
  { caller: `'${name}'`, command: health?.command },
  ...(name === traffic.container
    ? [
        { caller: '`handOver.task.command`', command: handOver?.task?.command },
        { caller: '`release.command`', command: release?.command },
      ]
    : []),
]

const isShell = (program: string): boolean => /(?:^|\/)(?:ba|da|a)?sh$/.test(program)

const placesOf = (shell: string): readonly string[] =>
  shell.startsWith('/') ? [shell] : ['/bin', '/usr/bin', '/usr/local/bin'].map((path) => posix.join(path, shell))

/** The shells that a blueprint calls and that the image lacks. */
const checkShells = async (
  { calls }: Engine,
  blueprint: Blueprint,
  container: BlueprintContainer,
): Promise<readonly Finding[]> => {
  const { image } = container
  const callers = new Map<string, string>()
  for (const { caller, command: [program = ''] = [] } of callsIn(blueprint, container)) {
    if (isShell(program) && !callers.has(program)) callers.set(program, caller)
  }
  if (callers.size === 0) return []
  const made = await calls.createContainer({ Image: image, Cmd: ['none'] })
  const isThere = async (shell: string): Promise<boolean> => {
    for (const path of placesOf(shell)) if (await made.infoArchive({ path }).then(() => true, isAbsent)) return true
    return false
  }
  const findings: Finding[] = []
  try {
    for (const [shell, caller] of callers) {
      if (await isThere(shell)) continue
      const result = `${image} has no \`${shell}\`, which ${caller} calls.`
      findings.push(wrong(result, 'Write the command as a list that starts with the program itself.'))
    }
  } finally {
    await made.remove({ force: true })
  }
  return findings
}

/** False for what is not there. */
const isAbsent = (error: unknown): false => {
  if (refusalOf(error).status === 404) return false
  throw error
}

/** Whether the registry has another image by this tag now; undefined where nobody can tell. */
const hasMoved = async ({ calls }: Engine, image: string, digests: readonly string[]): Promise<boolean | undefined> => {
  if (image.includes('@') || digests.length === 0) return undefined
  const asking = calls.getImage(image).distribution()
  const answer = distributionSchema.safeParse(await asking.catch(() => undefined))
  return answer.success ? !digests.some((digest) => digest.endsWith(answer.data.Descriptor.digest)) : undefined
}

type Image = z.output<typeof imageSchema>

/** A line of facts for every image. */
const factsOf = (
  { image, build }: BlueprintContainer,
  { Size, Created = '', RepoDigests }: Image,
  wasThere: boolean,
): Finding => {
  const isPinned = build !== undefined || image.includes('@')
  const [digest] = RepoDigests ?? []
  const facts = [
    `${image}: ${(Size / gibibyte).toFixed(2)} GiB`,
    ...(Size > 2 * gibibyte ? ['a start on Fargate pulls all of it'] : []),
    ...(wasThere && build !== undefined
      ? [`not built again, because the engine has one of ${Created.slice(0, 10)}`]
      : []),
    ...(isPinned ? [] : ['not pinned']),
  ]
  return note(`${facts.join('; ')}.`, isPinned || digest === undefined ? '' : `AWS needs \`image: ${digest}\`.`)
}

const lookAtImage = async (
  engine: Engine,
  blueprint: Blueprint,
  { container, wasThere }: { readonly container: BlueprintContainer; readonly wasThere: boolean },
): Promise<readonly Finding[]> => {
  const { image } = container
  const found = imageSchema.parse(await engine.calls.getImage(image).inspect())
  const findings: Finding[] = [...(await checkShells(engine, blueprint, container))]
  if (await hasMoved(engine, image, found.RepoDigests ?? [])) {
    const result = `The tag of ${image} moved: the registry has another image by this name than this engine.`
    findings.push(wrong(result, 'Pull it again, and pin it by its digest.'))
  }
  return [...findings, factsOf(container, found, wasThere)]
}

/** Builds or pulls the images of a blueprint, and looks at them. It stops at the first that cannot be provided. */
export const provideImages = async (
  blueprint: Blueprint,
  { engine, resolvePath }: Pick<Stage, 'resolvePath'> & { readonly engine: Engine },
  print: (line: string) => void,
): Promise<readonly Finding[]> => {
  const ensure = imageProvider({
    engine,
    resolvePath,
    log: { info: (fields, message) => print(`${message}: ${String(fields['image'])}`) },
  })
  const findings: Finding[] = []
  const seen = new Set<string>()
  for (const container of blueprint.containers) {
    const isKnown = seen.has(container.image)
    seen.add(container.image)
    const looking = engine.calls.getImage(container.image).inspect()
    const wasThere = (await looking.catch(() => undefined)) !== undefined
    try {
      await ensure(blueprint, container)
    } catch (error) {
      return [...findings, imageFailure(container, reasonOf(error))]
    }
    const found = await lookAtImage(engine, blueprint, { container, wasThere })
    findings.push(...found.filter(({ verdict }) => !isKnown || verdict === 'change'))
  }
  return findings
}
