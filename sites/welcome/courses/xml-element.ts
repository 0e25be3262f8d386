import { SaxesParser } from 'saxes'
import { Problem } from '../problem.ts'

export interface XmlElement {
  /** Without its prefix: manifests choose their own, and some forget to declare them. */
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: XmlElement[]
  /** All text directly in it. */
  text: string
}

const deepest = 64
const maxElements = 50_000

export const refuse = (why: string): Problem => new Problem(400, `imsmanifest.xml ${why}.`)

const decodeXml = (bytes: Uint8Array): string => {
  const declaration = Buffer.from(bytes.subarray(0, 200)).toString('latin1')
  const declared = /^(?:ï»¿)?<\?xml[^>]*?encoding=["']([\w-]{1,40})["']/.exec(declaration)?.[1] ?? 'utf-8'
  // The byte order marks of UTF-16.
  const mark = /^(ÿþ)|^(þÿ)/.exec(declaration)
  const encoding = mark === null ? declared : mark[1] === undefined ? 'utf-16be' : 'utf-16le'
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    throw refuse(`is not written in ${encoding}, which it should be`)
  }
}

/**
 * Parses a manifest's XML, without document types and so without entities but XML's own. @returns the root.
 * @throws {Problem} 400 where it is not well-formed, or too large to be a manifest.
 */
export const parseXml = (bytes: Uint8Array): XmlElement => {
  const parser = new SaxesParser()
  const document: XmlElement = { name: '', attributes: {}, children: [], text: '' }
  const open = [document]
  let count = 0
  parser.on('error', ({ message }) => {
    throw refuse(`is not well-formed: ${message.slice(0, 200)}`)
  })
  parser.on('doctype', () => {
    throw refuse('has a document type. Leave it out: it is not looked at')
  })
  parser.on('opentag', ({ name, attributes }) => {
    count += 1
    if (count > maxElements || open.length > deepest) {
      throw refuse(`has more than ${maxElements} elements, or is deeper than ${deepest}`)
    }
    const element = { name: name.slice(name.indexOf(':') + 1), attributes, children: [], text: '' }
    open.at(-1)?.children.push(element)
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
  parser.write(decodeXml(bytes)).close()
  const [root] = document.children
  if (root === undefined) throw refuse('is empty')
  return root
}

export const childrenNamed = (element: XmlElement | undefined, name: string): readonly XmlElement[] =>
  element?.children.filter((child) => child.name === name) ?? []

/** The first child of this name. */
export const childNamed = (element: XmlElement | undefined, name: string): XmlElement | undefined =>
  childrenNamed(element, name)[0]

/** Its text on one line. */
export const lineOf = (element: XmlElement | undefined): string | undefined =>
  element?.text.replace(/\s+/g, ' ').trim().slice(0, 200).toWellFormed() || undefined
