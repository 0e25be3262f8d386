import { crc32, deflateRawSync } from 'node:zlib'

export const courseItem = 'ITEM-1'
export const coursePage = 'index.html'
export const courseTitle = 'Safety at sea'

const manifest = `<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="DEMO" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"
  xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
  <metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
  <organizations default="ORG">
    <organization identifier="ORG">
      <title>${courseTitle}</title>
      <item identifier="${courseItem}" identifierref="RES-1"><title>Start</title></item>
    </organization>
  </organizations>
  <resources>
    <resource identifier="RES-1" type="webcontent" adlcp:scormtype="sco" href="${coursePage}"><file href="${coursePage}"/></resource>
  </resources>
</manifest>`

/** Reports completion as soon as it is opened. */
const content = `<!doctype html><title>${courseTitle}</title><p>Wear your life jacket.</p><script>
  const api = window.parent.API
  api.LMSInitialize('')
  api.LMSSetValue('cmi.core.lesson_status', 'completed')
  api.LMSFinish('')
</script>`

/** @param media more files of the course, by their paths. */
export const coursePackage = (media: Readonly<Record<string, string | Uint8Array>> = {}): Buffer =>
  packZip({ 'imsmanifest.xml': manifest, [coursePage]: content, ...media })

/** Little-endian fields of two or four bytes, by the digits of `sizes`. */
const packed = (sizes: string, ...values: readonly number[]): Buffer =>
  Buffer.concat(
    values.map((value, index) => {
      const field = Buffer.alloc(Number(sizes[index]))
      field.writeUIntLE(value, 0, field.length)
      return field
    }),
  )

const version = 20
/** Names are in UTF-8. */
const flags = 0x0800

const deflated = 8

/** A zip archive. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
const packZip = (files: Readonly<Record<string, string | Uint8Array>>): Buffer => {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const [path, text] of Object.entries(files)) {
    const name = Buffer.from(path)
    const data = Buffer.from(text)
    const content = deflateRawSync(data)
    // Flags, method, time, date, sum, sizes, and how long the name and what follows it are.
    const entry = packed('222244422', flags, deflated, 0, 0, crc32(data), content.length, data.length, name.length, 0)
    const local = Buffer.concat([packed('42', 0x04034b50, version), entry, name, content])
    const listed = packed('422', 0x02014b50, version, version)
    directory.push(listed, entry, packed('22244', 0, 0, 0, 0, at), name)
    parts.push(local)
    at += local.length
  }
  const list = Buffer.concat(directory)
  const count = parts.length
  const end = packed('42222442', 0x06054b50, 0, 0, count, count, list.length, at, 0)
  return Buffer.concat([...parts, list, end])
}
