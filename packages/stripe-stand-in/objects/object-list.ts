/** A list as Stripe answers it. */
export interface ObjectList<Item> {
  object: 'list'
  data: Item[]
  has_more: boolean
  url: string
}

/** A list that is all there is. */
export const wholeList = <Item>(data: readonly Item[], url: string): ObjectList<Item> => ({
  object: 'list',
  data: [...data],
  has_more: false,
  url,
})
