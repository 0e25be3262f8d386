import type { ReactNode } from 'react'
import { Tabs as AriaTabs, Tab, TabList, TabPanel } from 'react-aria-components/Tabs'

interface TabsProps {
  readonly label: string
  readonly selected: string
  readonly onSelect: (id: string) => void
  readonly tabs: readonly { readonly id: string; readonly title: string; readonly content: ReactNode }[]
}

/** On a phone the tabs scroll to the side. They are made after the list, so an effect of the list would come too early. */
const showTab = (tab: HTMLElement | null): void => {
  const list = tab?.parentElement
  if (tab && list) list.scrollTo({ left: tab.offsetLeft - (list.clientWidth - tab.clientWidth) / 2 })
}

/** Parts of a page, one shown at a time. The caller keeps the selection, usually in the address. */
export const Tabs = ({ label, selected, onSelect, tabs }: TabsProps) => (
  <AriaTabs className="tabs" selectedKey={selected} onSelectionChange={(key) => onSelect(String(key))}>
    <TabList aria-label={label}>
      {tabs.map(({ id, title }) => (
        <Tab key={id} id={id} ref={id === selected ? showTab : undefined}>
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
