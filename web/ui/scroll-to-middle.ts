/** On a phone a row scrolls to the side: shows one of its elements in its middle. */
export const scrollToMiddle = (row?: HTMLElement | null, element?: Element | null): void => {
  if (element instanceof HTMLElement && row)
    row.scrollTo({ left: element.offsetLeft - row.offsetLeft - (row.clientWidth - element.clientWidth) / 2 })
}
