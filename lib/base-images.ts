import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const dockerfiles = [
  'cloud/archiver/Dockerfile',
  'cloud/site-helper/Dockerfile',
  'router/Dockerfile',
  'sites/welcome/Dockerfile',
]

/** The line of a stage: its head, its image, and the image's digest. */
export const fromLine = /^(FROM (?:--platform=\S+ )?)([^\s@]+)(@sha256:[0-9a-f]{64})?(?= AS |$)/gm

interface BaseImage {
  readonly name: string
  readonly isPinned: boolean
}

/** The images that a Dockerfile begins with. A stage that another stage begins with is not an image. */
export const baseImagesOf = (dockerfile: string): readonly BaseImage[] => {
  const stages = new Set([...dockerfile.matchAll(/ AS (\S+)$/gm)].map(([, stage]) => stage))
  return [...dockerfile.matchAll(fromLine)].flatMap(([, , name = '', digest]) =>
    stages.has(name) ? [] : [{ name, isPinned: digest !== undefined }],
  )
}

/** The base images that have no digest, each once. @param root the directory of the repository. */
export const unpinnedImages = (root: string): readonly string[] => {
  const images = dockerfiles.flatMap((file) => baseImagesOf(readFileSync(join(root, file), 'utf8')))
  return [...new Set(images.flatMap(({ name, isPinned }) => (isPinned ? [] : [name])))]
}
