import type { Call } from "./call";
import type { Language, Me, Operator, SignedIn } from "./types";

export function sessionApi(call: Call) {
  return {
    signIn: (name: string, password: string, totp: string) =>
      call<SignedIn>("/sign-in", { method: "POST", body: { name, password, totp } }),
    signOut: () => call<void>("/sign-out", { method: "POST" }),
    me: () => call<Me>("/me"),
    setLanguage: (language: Language) =>
      call<Operator>("/me", { method: "PUT", body: { language } }),
    changePassword: (current_password: string, totp: string, new_password: string) =>
      call<void>("/me/password", {
        method: "POST",
        body: { current_password, totp, new_password },
      }),
  };
}
