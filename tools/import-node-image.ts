/**
 * Creates a container image from this machine's own Node and a folder, where no registry can be reached: the Node
 * binary, its shared libraries and the application, and nothing else. Linux only, like the image.
 *
 *   node tools/import-node-image.ts --tag sitewright/welcome:6 --app sites/welcome --module ws --module jose \
 *     --command "node /app/server.ts"
 */
import { execFile, spawn } from 'node:child_process'
import { chmod, copyFile, cp, mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import type Docker from 'dockerode'
import { findEngine, followToEnd } from '../adapters/containers/engine.ts'

export interface NodeImage {
  /** The image's name with its version, such as `sitewright/welcome:1`. */
  readonly tag: string
  /** The folder that becomes `/app`, without its own `node_modules`. */
  readonly app: string
  /** Packages of this repository's `node_modules` to add, with their dependencies. */
  readonly modules?: readonly string[]
  readonly command: readonly string[]
  /** What the image says that it is for, such as `linux/arm64`; this machine's unless told. It still has this machine's own Node. */
  readonly platform?: string
}

const repository = resolve(import.meta.dirname, '..')

/** A binary's shared libraries according to the dynamic linker, the linker itself included. */
const sharedLibraries = async (binary: string): Promise<readonly string[]> => {
  const { stdout } = await promisify(execFile)('ldd', [binary])
  return stdout.split('\n').flatMap((line) => /(?:=> |^\s+)(\/\S+)/.exec(line)?.[1] ?? [])
}

const accounts = {
  'etc/passwd': 'root:x:0:0:root:/:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n',
  'etc/group': 'root:x:0:\nnogroup:x:65534:\n',
  'etc/nsswitch.conf': 'hosts: files dns\n',
}

const layOut = async (root: string, { app, modules = [] }: NodeImage): Promise<void> => {
  const put = async (source: string, path: string): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await copyFile(source, join(root, path))
  }
  for (const folder of ['app', 'data', 'dev', 'etc', 'proc', 'sys', 'tmp']) await mkdir(join(root, folder))
  // The mode of a file system that is mounted on it.
  await chmod(join(root, 'tmp'), 0o1777)
  for (const [path, text] of Object.entries(accounts)) await writeFile(join(root, path), text)
  await put(process.execPath, 'usr/local/bin/node')
  for (const library of await sharedLibraries(process.execPath)) await put(library, library)
  await cp(app, join(root, 'app'), { recursive: true, filter: (source) => basename(source) !== 'node_modules' })
  for (const name of modules) {
    const target = join(root, 'app', 'node_modules', name)
    await cp(join(repository, 'node_modules', name), target, { recursive: true, dereference: true })
  }
}

const importOf = async (docker: Docker, root: string, { tag, command, platform }: NodeImage): Promise<void> => {
  const tar = spawn(
    'tar',
    ['--create', '--owner=0', '--group=0', '--numeric-owner', '--mode=a+rX', '--directory', root, '.'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const changes = ['ENV PATH=/usr/local/bin', 'WORKDIR /app', `CMD ${JSON.stringify(command)}`]
  const progress = await docker.importImage(tar.stdout, {
    repo: tag,
    changes,
    ...(platform !== undefined && { platform }),
  })
  await followToEnd(progress)
}

/** @throws {Error} if a file is missing or the engine refuses the image. */
export const importNodeImage = async (docker: Docker, image: NodeImage): Promise<void> => {
  if (process.platform !== 'linux') throw new Error('import-node-image: only a Linux binary of Node fits into an image')
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'sitewright-image-'))
  const root = temporary.path
  await layOut(root, image)
  await importOf(docker, root, image)
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      tag: { type: 'string' },
      app: { type: 'string' },
      module: { type: 'string', multiple: true },
      command: { type: 'string' },
    },
  })
  const { tag, app, module: modules = [], command } = values
  if (tag === undefined || app === undefined || command === undefined) {
    console.error(
      'usage: node tools/import-node-image.ts --tag NAME:VERSION --app FOLDER [--module NAME]… --command "node …"',
    )
    process.exit(2)
  }
  const engine = await findEngine()
  if (engine === undefined) {
    console.error('No container engine answers: start Docker or Podman, or set DOCKER_HOST.')
    process.exit(1)
  }
  await importNodeImage(engine.streams, { tag, app, modules, command: command.split(' ') })
  console.log(`${tag} is ready in ${engine.address}`)
}
