import { Button as AriaButton } from 'react-aria-components/Button'
import { Menu as AriaMenu, MenuItem, type MenuItemProps, MenuTrigger } from 'react-aria-components/Menu'
import { Popover } from 'react-aria-components/Popover'

interface MenuProps {
  /** Names the button, for screen readers. */
  readonly label: string
  /** Each does something, or goes somewhere. */
  readonly items: readonly (Pick<MenuItemProps, 'href' | 'onAction'> & { readonly title: string })[]
}

/** What can be done less often, behind a button with three dots. */
export const Menu = ({ label, items }: MenuProps) => (
  <MenuTrigger>
    <AriaButton className="button quiet menu-button" aria-label={label}>
      <span aria-hidden="true">•••</span>
    </AriaButton>
    <Popover className="menu" placement="bottom end">
      <AriaMenu aria-label={label}>
        {items.map(({ title, ...item }) => (
          <MenuItem key={title} id={title} {...item}>
            {title}
          </MenuItem>
        ))}
      </AriaMenu>
    </Popover>
  </MenuTrigger>
)
