import { extname } from 'node:path'

/** Extensions that are their own subtype. */
const sameNames: Readonly<Record<string, readonly string[]>> = {
  application: ['json', 'pdf', 'wasm', 'zip'],
  audio: ['aac', 'ogg', 'wav'],
  font: ['otf', 'ttf', 'woff', 'woff2'],
  image: ['avif', 'bmp', 'gif', 'jpeg', 'png', 'webp'],
  text: ['css', 'csv', 'html', 'vtt', 'xml'],
  video: ['mp4', 'webm'],
}

const office = 'application/vnd.openxmlformats-officedocument'

const types: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(sameNames).flatMap(([type, names]) => names.map((name) => [`.${name}`, `${type}/${name}`])),
  ),
  '.docx': `${office}.wordprocessingml.document`,
  '.htm': 'text/html',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.m4a': 'audio/mp4',
  '.m4v': 'video/mp4',
  '.mjs': 'text/javascript',
  '.mp3': 'audio/mpeg',
  '.oga': 'audio/ogg',
  '.ogv': 'video/ogg',
  '.pptx': `${office}.presentationml.presentation`,
  '.srt': 'application/x-subrip',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.xhtml': 'application/xhtml+xml',
  '.xlsx': `${office}.spreadsheetml.sheet`,
  '.xsd': 'text/xml',
}

/** By the name alone, without a character set: a course's pages say their own. */
export const contentTypeOf = (path: string): string => types[extname(path).toLowerCase()] ?? 'application/octet-stream'
