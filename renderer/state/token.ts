const NAME = 'openguild.admin-token'

/** The admin token, for as long as this tab is open and nowhere else. */
export const keptToken = {
  read: (): string | undefined => sessionStorage.getItem(NAME) ?? undefined,
  keep: (token: string): void => sessionStorage.setItem(NAME, token),
  drop: (): void => sessionStorage.removeItem(NAME),
}
