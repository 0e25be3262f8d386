import type { ReactNode } from 'react'
import { useEffect, useRef } from 'react'
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
    // On a phone, the list is wider than the screen.
    const tab = list.current?.querySelector('[aria-selected="true"]')
    if (selected !== '') tab?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [selected])
  return (
    <AriaTabs className="tabs" selectedKey={selected} onSelectionChange={(key) => onSelect(String(key))}>
      <TabList ref={list} aria-label={label}>
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
