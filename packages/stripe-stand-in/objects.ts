/** The one version of Stripe's API that the stand-in speaks: the one that the official client pins. */
export const apiVersion = '2026-10-28.endive'

/** A list as Stripe answers it. */
export interface ObjectList<Item> {
  object: 'list'
  data: Item[]
  has_more: boolean
  url: string
}

/** A list in one page. */
export const wholeList = <Item>(data: readonly Item[], url: string): ObjectList<Item> => ({
  object: 'list',
  data: [...data],
  has_more: false,
  url,
})

type Words<Text extends string, Found extends string = never> = Text extends `${infer First} ${infer Rest}`
  ? Words<Rest, Found | First>
  : Found | Text

/** Members of an object that the stand-in leaves empty, by their names with spaces between. */
export function nulls<Text extends string>(...names: Text[]): Record<Words<Text>, null>
export function nulls(...names: string[]): Record<string, null> {
  return Object.fromEntries(names.flatMap((text) => text.split(' ')).map((name) => [name, null]))
}

export const noAddress = nulls('city country line1 line2 postal_code state')
