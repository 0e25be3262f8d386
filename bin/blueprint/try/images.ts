import { posix } from 'node:path'
import * as z from 'zod'
import type { Engine } from '../../../adapters/containers/engine.ts'
import { refusalOf } from '../../../adapters/containers/engine-error.ts'
import { imageProvider } from '../../../adapters/containers/images.ts'
import type { Blueprint, BlueprintContainer } from '../../../core/blueprint/blueprint.ts'
import { type ImageCause, imageCauseOf, imageCauseWords } from '../../../lambdas/blueprints/image-cause.ts'
import { type Finding, findingsOf, reasonOf } from './findings.ts'
import type { Stage } from './stage.ts'

/** A login is the client's: the engine pulls nothing with it for Sitewright. */
export const pullByHand =
  'Pull it by hand after a login (`docker login`, `docker pull`). Sitewright uses an image that is there.'

const changes: Readonly<Record<ImageCause, string>> = {
  'credentials-needed': pullByHand,
  'wrong-architecture': 'Take an image for this architecture, or give it a `build`.',
  'image-not-found': 'Correct `image`. A digest disappears when its tag moved.',
  'registry-unreachable': 'Try again later, or provide the image by hand.',
  unknown: 'Correct `image`.',
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
  const words = cause === 'unknown' ? lastLine(reason) : imageCauseWords[cause]
  return wrong(`${image} cannot be had: ${words}.`, changes[cause])
}

const imageSchema = z.object({
  Size: z.number(),
  Created: z.string().optional(),
  RepoDigests: z.array(z.string()).nullish(),
})

const distributionSchema = z.object({ Descriptor: z.object({ digest: z.string() }) })

const gibibyte = 1024 ** 3

const isShell = (program: string): boolean => /(?:^|\/)(?:ba|da|a)?sh$/.test(program)

/** The shells that the commands in the image of a container call, and who calls each. */
const shellsIn = (
  { traffic, handOver, release }: Blueprint,
  { name, command, health }: BlueprintContainer,
): ReadonlyMap<string, string> => {
  const isVisited = name === traffic.container
  const calls: readonly (readonly [caller: string, words: readonly string[] | undefined])[] = [
    ['`handOver.task.command`', isVisited ? handOver?.task?.command : undefined],
    ['`release.command`', isVisited ? release?.command : undefined],
    [`'${name}'`, health?.command],
    [`'${name}'`, command],
  ]
  return new Map(
    calls.flatMap(([caller, [program = ''] = []]) => (isShell(program) ? [[program, caller] as const] : [])),
  )
}

const placesOf = (shell: string): readonly string[] =>
  shell.startsWith('/') ? [shell] : ['/bin', '/usr/bin', '/usr/local/bin'].map((path) => posix.join(path, shell))

/** False for what is not there. */
const isAbsent = (error: unknown): false => {
  if (refusalOf(error).status === 404) return false
  throw error
}

/** The shells that a blueprint calls and that the image lacks. */
const checkShells = async (
  { calls }: Engine,
  blueprint: Blueprint,
  container: BlueprintContainer,
): Promise<readonly Finding[]> => {
  const { image } = container
  const shells = shellsIn(blueprint, container)
  if (shells.size === 0) return []
  const made = await calls.createContainer({ Image: image, Cmd: ['none'] })
  const findings: Finding[] = []
  try {
    for (const [shell, caller] of shells) {
      const found = await Promise.all(
        placesOf(shell).map((path) => made.infoArchive({ path }).then(() => true, isAbsent)),
      )
      if (found.includes(true)) continue
      const result = `${image} has no \`${shell}\`, which ${caller} calls.`
      findings.push(wrong(result, 'Write the command as a list that starts with the program itself.'))
    }
  } finally {
    await made.remove({ force: true, v: true })
  }
  return findings
}

/** Whether the registry has another image by this tag now; undefined where nobody can tell. */
const hasMoved = async ({ calls }: Engine, image: string, digests: readonly string[]): Promise<boolean | undefined> => {
  if (image.includes('@') || digests.length === 0) return undefined
  const asking = calls.getImage(image).distribution()
  const answer = distributionSchema.safeParse(await asking.catch(() => undefined))
  return answer.success ? !digests.some((digest) => digest.endsWith(answer.data.Descriptor.digest)) : undefined
}

/** What is wrong with an image that is there, and a line of facts. */
const inspectImage = async (
  engine: Engine,
  blueprint: Blueprint,
  { container, wasThere }: { readonly container: BlueprintContainer; readonly wasThere: boolean },
): Promise<readonly Finding[]> => {
  const { image, build } = container
  const { Size, Created = '', RepoDigests } = imageSchema.parse(await engine.calls.getImage(image).inspect())
  const findings = [...(await checkShells(engine, blueprint, container))]
  if (await hasMoved(engine, image, RepoDigests ?? [])) {
    const result = `The tag of ${image} moved: the registry has another image by this name than this engine.`
    findings.push(wrong(result, 'Pull it again, and pin it by its digest.'))
  }
  const isPinned = build !== undefined || image.includes('@')
  const [digest] = RepoDigests ?? []
  const facts = [
    `${image}: ${(Size / gibibyte).toFixed(2)} GiB`,
    Size > 2 * gibibyte && 'a start on Fargate pulls all of it',
    wasThere && build !== undefined && `not built again, because the engine has one of ${Created.slice(0, 10)}`,
    !isPinned && 'not pinned',
  ].filter((fact) => fact !== false)
  return [
    ...findings,
    note(`${facts.join('; ')}.`, isPinned || digest === undefined ? '' : `AWS needs \`image: ${digest}\`.`),
  ]
}

/** Builds or pulls the images of a blueprint, if an engine runs it, and looks at them. Stops at the first that it cannot provide. */
export const provideImages = async (
  blueprint: Blueprint,
  { engine, resolvePath }: Pick<Stage, 'resolvePath' | 'engine'>,
  print: (line: string) => void,
): Promise<readonly Finding[]> => {
  if (engine === undefined) return []
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
    const checking = engine.calls.getImage(container.image).inspect()
    const wasThere = (await checking.catch(() => undefined)) !== undefined
    try {
      await ensure(blueprint, container)
    } catch (error) {
      return [...findings, imageFailure(container, reasonOf(error))]
    }
    const found = await inspectImage(engine, blueprint, { container, wasThere })
    findings.push(...found.filter(({ verdict }) => !isKnown || verdict === 'change'))
  }
  return findings
}
