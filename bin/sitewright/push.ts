import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { endWithCommand } from '../command-line/run-to-end.ts'
import { keepOutOf } from './dev/watch.ts'
import { type Run, run } from './engine.ts'
import { Failure } from './failure.ts'
import type { ReadFile } from './read-file.ts'
import { type Access, type AskAccess, atRegistry, buildAdvice, type Must, platformWords } from './registry-access.ts'

/**
 * Builds the images of a file, or pulls them, and pushes them. The engine sends the layers that the registry lacks.
 * @returns the digests, by container.
 * @throws {Failure} naming the container whose image cannot be built or pushed.
 */
export const pushImages = async (
  read: ReadFile,
  ask: AskAccess,
  note: (line: string) => void,
): Promise<Readonly<Record<string, string>>> => {
  const access = await ask()
  const base = dirname(resolve(read.name))
  const platform = platformWords(access)
  return pushAll(read.file.containers, ask, note, (must, program) => {
    return async ({ name, image, build }: ReadFile['file']['containers'][number], target: string) => {
      if (build !== undefined) {
        note(`Building '${name}'`)
        const context = resolve(base, build.context)
        await keepOutOf(build, base, note)
        const words = ['build', ...platform, '--tag', target, '--file', join(context, build.dockerfile), context]
        return must(
          words,
          `The image of '${name}' cannot be built: correct its ${build.dockerfile}.${buildAdvice(access)}`,
        )
      }
      if (image === undefined) {
        throw new Failure('mistake', `'${name}' has neither \`image\` nor \`build\`, and here sites run in containers.`)
      }
      note(`Pulling ${image}`)
      const advice = `The image ${image} of '${name}' cannot be pulled: correct its name, or sign in there.`
      // A pull for other machines moves the name, which this one may run. Podman would give a short name another meaning.
      const isFull = program !== 'podman' || /^[^/]*[.:][^/]*\//.test(image)
      const isMoved = platform.length > 0 && isFull && !image.includes('@')
      const former = isMoved && (await run(program, ['image', 'inspect', '--format', '{{.Id}}', image]))
      await must(['pull', ...platform, image], advice)
      await must(['tag', image, target], `The image ${image} cannot be used.`)
      return former && run(program, ['tag', former.trim(), image], { note })
    }
  })
}

/** Pushes images that files have, as `pullImages` saved them. @returns the digests, by container. */
export const pushSaved = (
  files: Readonly<Record<string, string>>,
  ask: AskAccess,
  { name: nameOf, note }: Pick<Pull, 'name' | 'note'>,
) =>
  pushAll(
    Object.keys(files).map((name) => ({ name })),
    ask,
    note,
    (must) =>
      async ({ name }, target) => {
        await must(['load', '--input', files[name] ?? ''], `The image of '${name}' cannot be loaded.`)
        return must(['tag', nameOf(name), target], `The image of '${name}' cannot be used.`)
      },
  )

const digestIn = (text: string, program: string, container: string): string => {
  const digest = /sha256:[0-9a-f]{64}/.exec(text)?.[0]
  if (digest !== undefined) return digest
  throw new Failure('failed', `${program} does not say the digest of '${container}'. Update it.`)
}

/**
 * Docker with the image store of containerd may have an image for several platforms, and would push that for this machine. Its help has the
 * option only if the engine knows it too.
 */
const pushPlatform = async (
  { program, isPodman }: { readonly program: string; readonly isPodman: boolean },
  access: Access,
  environment: NodeJS.ProcessEnv,
): Promise<readonly string[]> => {
  const words = isPodman ? [] : platformWords(access)
  const help = words.length > 0 ? await run(program, ['push', '--help'], { environment }) : undefined
  return help?.includes('--platform') ? words : []
}

/**
 * Provides all images before the first push, for which it then asks for credentials: a build takes its time.
 * @param provide gives the image of a container the name of its target.
 */
const pushAll = async <Container extends { readonly name: string }>(
  containers: readonly Container[],
  ask: AskAccess,
  note: (line: string) => void,
  provide: (must: Must, program: string) => (container: Container, target: string) => Promise<unknown>,
): Promise<Readonly<Record<string, string>>> => {
  const digests: Record<string, string> = {}
  if (containers.length === 0) return digests
  const access = await ask()
  const { registry, repository } = access
  const stem = `${registry}/${repository}:`
  await atRegistry(note, async ({ program, isPodman, must, signIn, environment, directory }) => {
    // Another command may do the same with this engine now, with other code.
    const unique = randomUUID()
    const own = ({ name }: Container) => `localhost/sitewright-push:${name}-${unique}`
    const made = new Set<string>()
    const untag = () => run(program, ['rmi', '--no-prune', ...made])
    const forget = endWithCommand(untag)
    await using _ = { [Symbol.asyncDispose]: () => untag().then(forget) }
    for (const container of containers) {
      made.add(own(container))
      await provide(must, program)(container, own(container))
    }
    const platform = await pushPlatform({ program, isPodman }, access, environment)
    for (const container of containers) {
      const { name } = container
      const unusable = `The image of '${name}' cannot be used.`
      const id = await must(['image', 'inspect', '--format', '{{.Id}}', own(container)], unusable)
      // By its content: a registry keeps a thousand tags of an image.
      const target = `${stem}${name}-${/[0-9a-f]{12}/.exec(id)?.[0]}`
      const file = join(directory, 'digest')
      const kept = isPodman ? ['--digestfile', file] : []
      const push = async (more: Run = {}) => {
        const open = await signIn(await ask())
        note(`Pushing '${name}'`)
        made.add(target)
        // The first one stays: without any, the engine would remove the image, whose layers its next build uses again.
        for (const tag of [stem + name, target]) await must(['tag', own(container), tag], unusable)
        return run(program, ['push', ...open, ...kept, ...platform, target], { environment, ...more })
      }
      // Another command with the same image removes the target when it ends.
      const pushed = (await push()) ?? (await push({ note }))
      if (pushed === undefined) throw new Failure('again', `'${name}' cannot be pushed. Try again.`)
      digests[name] = digestIn(isPodman ? await readFile(file, 'utf8') : pushed, program, name)
    }
  })
  return digests
}

interface Pull {
  /** What to call the image of a container here. */
  readonly name: (container: string) => string
  /** The directory for their files. */
  readonly to: string
  readonly note: (line: string) => void
}

/** Pulls images by their digests, and saves each in a file. @throws {Failure} naming the container. */
export const pullImages = async (
  images: readonly (readonly [container: string, digest: string])[],
  access: Access,
  { name, to, note }: Pull,
): Promise<void> => {
  if (images.length === 0) return
  await atRegistry(note, async ({ must, signIn, environment }) => {
    const open = await signIn(access)
    for (const [container, digest] of images) {
      note(`Pulling '${container}'`)
      const source = `${access.registry}/${access.repository}@${digest}`
      await must(
        ['pull', ...open, ...platformWords(access), source],
        `The image of '${container}' cannot be pulled. Try again.`,
        { environment, ending: 'again' },
      )
      await must(['tag', source, name(container)], `The image of '${container}' cannot be used.`)
      const file = join(to, `${container}.tar`)
      await must(['save', '--output', file, name(container)], `The image of '${container}' cannot be saved.`)
    }
  })
}
