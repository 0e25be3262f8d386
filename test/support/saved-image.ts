import { tarEnd, tarHeader, tarPadding } from '../../adapters/archiver/tar.ts'

/** A tar file of plain files, by their paths. */
export const tarOfTexts = (...files: readonly (readonly [path: string, text: string])[]): Buffer =>
  Buffer.concat([
    ...files.flatMap(([path, text]) => {
      const content = Buffer.from(text)
      const head = { type: 'file', path, mode: 0o644, mtime: '0', size: content.length } as const
      return [tarHeader(head), content, tarPadding(content.length)]
    }),
    tarEnd,
  ])

/** As engines save an image, without its layers. */
export const savedManifest = (...names: readonly string[]): string =>
  JSON.stringify([{ Config: 'config.json', RepoTags: names, Layers: ['layer.tar'] }])

export const savedImage = (name: string): Buffer => tarOfTexts(['manifest.json', `${savedManifest(name)}\n`])
