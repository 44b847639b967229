/** Only an address of our own comes back out of `?to=`: it is a link that anybody may write. */
export function returnAddress(to: unknown): string {
  return typeof to === "string" && /^\/(?![/\\])/.test(to) && !to.startsWith("/sign-in")
    ? to
    : "/overview";
}
