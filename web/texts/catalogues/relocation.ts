/** Texts of a planned relocation for owners and operators. */
export const relocation = {
  'relocation.contract': ['Contract', 'Vertrag'],
  'relocation.contract-of': ['{number}, {first} to {last}', '{number}, {first} bis {last}'],
  'relocation.window': ['Window ({zone})', 'Zeitfenster ({zone})'],
  'relocation.interruption': ['Interruption', 'Unterbrechung'],
} as const
