import { Problem } from '../problem.ts'

/** Names are without prefixes: manifests choose their own, and some forget to declare them. */
export interface XmlElement {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: XmlElement[]
  /** All text directly in it. */
  text: string
}

const deepest = 64
const maxElements = 50_000

const decodeXml = (bytes: Uint8Array): string => {
  const [first, second] = bytes
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
  const declaration = Buffer.from(bytes.subarray(0, 200)).toString('latin1')
  const declared = /^(?:ï»¿)?<\?xml[^>]*?encoding=["']([\w-]{1,40})["']/.exec(declaration)?.[1] ?? 'utf-8'
  const encoding = isUtf16 ? (first === 0xff ? 'utf-16le' : 'utf-16be') : declared
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    throw new Problem(400, `imsmanifest.xml is not written in ${encoding}, which it should be.`)
  }
}

const withoutPrefix = (name: string): string => name.slice(name.indexOf(':') + 1)

/** An attribute without a prefix wins over another's of the same name. */
const attributesOf = (given: Readonly<Record<string, string>>): ReadonlyMap<string, string> => {
  const names = Object.keys(given).toSorted((a, b) => Number(b.includes(':')) - Number(a.includes(':')))
  return new Map(names.map((name) => [withoutPrefix(name), given[name] ?? '']))
}

/**
 * Parses a manifest's XML, without document types and so without entities but XML's own. @returns the root.
 * @throws {Problem} 400 where it is not well-formed, or too large to be a manifest.
 */
export const parseXml = async (bytes: Uint8Array): Promise<XmlElement> => {
  // Loaded on first use: most sites never take a course.
  const { SaxesParser } = await import('saxes')
  const text = decodeXml(bytes)
  const parser = new SaxesParser()
  const open: XmlElement[] = []
  let root: XmlElement | undefined
  let count = 0

  parser.on('error', ({ message }) => {
    throw new Problem(400, `imsmanifest.xml is not well-formed: ${message.slice(0, 200)}.`)
  })
  parser.on('doctype', () => {
    throw new Problem(400, 'imsmanifest.xml has a document type. Leave it out: it is not looked at.')
  })
  parser.on('opentag', ({ name, attributes }) => {
    count += 1
    if (count > maxElements || open.length >= deepest) {
      throw new Problem(400, `imsmanifest.xml has more than ${maxElements} elements, or is deeper than ${deepest}.`)
    }
    const element = { name: withoutPrefix(name), attributes: attributesOf(attributes), children: [], text: '' }
    open.at(-1)?.children.push(element)
    root ??= element
    open.push(element)
  })
  parser.on('closetag', () => {
    open.pop()
  })
  const keepText = (part: string): void => {
    const element = open.at(-1)
    if (element !== undefined) element.text += part
  }
  parser.on('text', keepText)
  parser.on('cdata', keepText)
  parser.write(text).close()
  if (root === undefined) throw new Problem(400, 'imsmanifest.xml is empty.')
  return root
}

/** The first child of this name. */
export const childNamed = (element: XmlElement | undefined, name: string): XmlElement | undefined =>
  element?.children.find((child) => child.name === name)

export const childrenNamed = (element: XmlElement | undefined, name: string): readonly XmlElement[] =>
  element?.children.filter((child) => child.name === name) ?? []

/** Its text on one line. */
export const lineOf = (element: XmlElement | undefined, longest = 200): string | undefined => {
  const text = element?.text.replace(/\s+/g, ' ').trim().slice(0, longest)
  return text === undefined || text === '' ? undefined : text.toWellFormed()
}
