import type { XmlElement } from './xml-element.ts'

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
