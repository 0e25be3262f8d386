import { type ReactNode, useEffect, useRef } from 'react'
import { Tabs as AriaTabs, Tab, TabList, TabPanel } from 'react-aria-components/Tabs'

interface TabsProps {
  readonly label: string
  readonly selected: string
  readonly onSelect: (id: string) => void
  readonly tabs: readonly { readonly id: string; readonly title: string; readonly content: ReactNode }[]
}

/** Parts of a page, one shown at a time. The caller keeps the selection, usually in the address. */
export const Tabs = ({ label, selected, onSelect, tabs }: TabsProps) => {
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // On a phone the tabs scroll to the side.
    const tab = list.current?.querySelector<HTMLElement>(`[data-key="${selected}"]`)
    if (tab) list.current?.scrollTo({ left: tab.offsetLeft - (list.current.clientWidth - tab.clientWidth) / 2 })
  }, [selected])
  return (
    <AriaTabs className="tabs" selectedKey={selected} onSelectionChange={(key) => onSelect(String(key))}>
      <TabList aria-label={label} ref={list}>
        {tabs.map(({ id, title }) => (
          <Tab key={id} id={id}>
            {title}
          </Tab>
        ))}
      </TabList>
      {tabs.map(({ id, content }) => (
        <TabPanel key={id} id={id}>
          {content}
        </TabPanel>
      ))}
    </AriaTabs>
  )
}
