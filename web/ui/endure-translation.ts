/**
 * A browser that translates a page puts `font` elements in the place of texts. React does not know of them: what it writes into such a text nobody
 * sees, and where it removes one, the page ends. So a text is put back before React touches it, and the browser translates it again.
 * @see https://github.com/facebook/react/issues/11538
 */
export const endureTranslation = (): void => {
  const inPlaceOf = new WeakMap<Node, Element>()
  const note = ({ removedNodes, addedNodes, previousSibling, nextSibling }: MutationRecord): void => {
    const [gone] = removedNodes
    const font = [addedNodes[0], previousSibling, nextSibling].find((node) => node instanceof HTMLFontElement)
    if (gone instanceof Text && font !== undefined) inPlaceOf.set(gone, font)
  }
  const observer = new MutationObserver((records) => records.forEach(note))
  observer.observe(document, { childList: true, subtree: true })

  const putBack = (node: Node | null): void => {
    observer.takeRecords().forEach(note)
    if (node === null || node.isConnected) return
    inPlaceOf.get(node)?.replaceWith(node)
    inPlaceOf.delete(node)
  }
  const { insertBefore, removeChild } = Node.prototype
  Node.prototype.insertBefore = function <Child extends Node>(this: Node, child: Child, place: Node | null): Child {
    putBack(place)
    insertBefore.call(this, child, place?.parentNode === this ? place : null)
    return child
  }
  Node.prototype.removeChild = function <Child extends Node>(this: Node, child: Child): Child {
    putBack(child)
    if (child.parentNode === this) removeChild.call(this, child)
    return child
  }
  const value = Object.getOwnPropertyDescriptor(Node.prototype, 'nodeValue')
  Object.defineProperty(Node.prototype, 'nodeValue', {
    ...value,
    set(this: Node, text: string | null) {
      putBack(this)
      value?.set?.call(this, text)
    },
  })
}
