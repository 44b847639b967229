import { AuthError, type LoginResult, type PhoneButton } from "wxlogin";
import { auth } from "./auth";

let isByPhone = false;
let phoneIsProven = false;

/**
 * Login by WeChat's phone button. Where an unknown person must register first, the ticket of that
 * answer holds the number already: the registration page then asks for no phone and no code.
 */
export async function enterByPhone(tapped: PhoneButton): Promise<LoginResult> {
  isByPhone = true;
  try {
    return await auth.loginByPhone(tapped);
  } catch (error) {
    phoneIsProven = error instanceof AuthError && error.code === "registration_required";
    throw error;
  } finally {
    isByPhone = false;
  }
}

/** A login was refused with a new ticket, which opens the page before the refusal gets anywhere. */
export function noteTicket(): void {
  phoneIsProven = isByPhone;
}

export function isPhoneProven(): boolean {
  return phoneIsProven;
}
