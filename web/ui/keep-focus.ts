import { useEffect } from 'react'

/** A dialog or a view may place the focus itself. */
const patienceMilliseconds = 100

/** The focus of an element that has gone goes to the heading around it. Otherwise a screen reader would begin the page again. */
export const useKeptFocus = (): void =>
  useEffect(() => {
    let around: readonly Element[] = []
    let timer: ReturnType<typeof setTimeout>
    const note = ({ target }: FocusEvent): void => {
      around = []
      for (let at = target instanceof Element ? target : null; at !== null; at = at.parentElement)
        around = [...around, at]
    }
    const keep = (): void => {
      if (document.activeElement !== document.body || around[0]?.isConnected !== false) return
      const place = around.find((element) => element.isConnected && element.matches('section, main'))
      const heading = (place ?? document.querySelector('main'))?.querySelector<HTMLElement>('h1, h2')
      if (heading === undefined || heading === null) return
      heading.tabIndex = -1
      heading.focus({ preventScroll: true })
    }
    const observer = new MutationObserver(() => {
      clearTimeout(timer)
      timer = setTimeout(keep, patienceMilliseconds)
    })
    observer.observe(document.body, { childList: true, subtree: true })
    addEventListener('focusin', note)
    return () => {
      clearTimeout(timer)
      observer.disconnect()
      removeEventListener('focusin', note)
    }
  }, [])
