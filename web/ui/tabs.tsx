import type { ReactNode } from 'react'
import { Tabs as AriaTabs, Tab, TabList, TabPanel } from 'react-aria-components/Tabs'

interface TabsProps {
  readonly label: string
  readonly selected: string
  readonly onSelect: (id: string) => void
  readonly tabs: readonly { readonly id: string; readonly title: string; readonly content: ReactNode }[]
}

/** Parts of a page, one shown at a time. The caller keeps the selection, usually in the address. */
export const Tabs = ({ label, selected, onSelect, tabs }: TabsProps) => (
  <AriaTabs className="tabs" selectedKey={selected} onSelectionChange={(key) => onSelect(String(key))}>
    <TabList aria-label={label}>
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
