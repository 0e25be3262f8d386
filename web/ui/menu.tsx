import { Button as AriaButton } from 'react-aria-components/Button'
import { Menu as AriaMenu, MenuItem, type MenuItemProps, MenuTrigger } from 'react-aria-components/Menu'
import { Popover } from 'react-aria-components/Popover'

interface MenuProps {
  /** Names the menu and its button, for screen readers. */
  readonly label: string
  /** What the button shows; three dots without it. */
  readonly text?: string
  /** Each does something, or goes somewhere. Those whose titles may be the same have ids. */
  readonly items: readonly (Pick<MenuItemProps, 'id' | 'href' | 'onAction'> & { readonly title: string })[]
}

export const Menu = ({ label, text, items }: MenuProps) => (
  <MenuTrigger>
    <AriaButton
      className={`button quiet menu-${text ? 'text' : 'button'}`}
      aria-label={text ? `${label}: ${text}` : label}
    >
      {text ? <span>{text}</span> : null}
      <span aria-hidden="true">{text ? '▾' : '•••'}</span>
    </AriaButton>
    <Popover className="menu" placement="bottom end">
      <AriaMenu aria-label={label}>
        {items.map(({ title, ...item }) => (
          <MenuItem key={item.id ?? title} id={title} {...item}>
            {title}
          </MenuItem>
        ))}
      </AriaMenu>
    </Popover>
  </MenuTrigger>
)
