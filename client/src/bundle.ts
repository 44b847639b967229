import { assign } from "./assign";
import { createAuth } from "./auth";
import { AuthError } from "./errors";
import { privacyConsent } from "./privacy";

declare const exports: object;

// By hand: what a bundler puts around `export` for CommonJS is a tenth of the whole.
assign(exports, { createAuth, AuthError, privacyConsent });
