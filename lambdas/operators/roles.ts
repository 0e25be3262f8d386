/** Who may use an operation for operators. Apart from the operations, so that a function loads none but its own. */
export const everybody = ['support', 'sales', 'admin'] as const
export const support = ['support', 'admin'] as const
export const sales = ['sales', 'admin'] as const
export const admin = ['admin'] as const
