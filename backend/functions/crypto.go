package functions

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"

	"github.com/dop251/goja"
	"github.com/dop251/goja_nodejs/buffer"
	"github.com/go-jose/go-jose/v4"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// hashes returns the hash functions by the names that utils.crypto and Node's crypto share.
func hashes(name string) (func() hash.Hash, error) {
	switch name {
	case "md5":
		return md5.New, nil
	case "sha1":
		return sha1.New, nil
	case "sha256":
		return sha256.New, nil
	case "sha384":
		return sha512.New384, nil
	case "sha512":
		return sha512.New, nil
	}
	return nil, fmt.Errorf("unknown hash function %q (available: md5, sha1, sha256, sha384, sha512)", name)
}

// utils is the global utils: crypto and jwt.
func (r *run) utils() goja.Value {
	return r.newLazyObject(nil, []string{"crypto", "jwt"}, func(name string) goja.Value {
		if name == "jwt" {
			return r.utilObject("utils.jwt", map[string]utilFunc{"encode": encodeToken, "decode": decodeToken})
		}
		return r.utilObject("utils.crypto", map[string]utilFunc{
			"encrypt": encrypt, "decrypt": decrypt, "hash": hashOf, "hmac": hmacOf, "sign": sign, "verify": verify,
		})
	})
}

// utilFunc implements a function of utils.
type utilFunc func(r *run, args []goja.Value) (goja.Value, error)

// utilObject returns an object of such functions, which throw their errors.
func (r *run) utilObject(of string, all map[string]utilFunc) goja.Value {
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	return r.newLazyObject(nil, names, func(name string) goja.Value {
		return r.vm.ToValue(func(call goja.FunctionCall) goja.Value {
			v, err := all[name](r, call.Arguments)
			if err != nil {
				panic(r.jsError(fmt.Errorf("%s.%s: %w", of, name, err)))
			}
			return v
		})
	})
}

// stringArg returns an argument that must be a string.
func stringArg(args []goja.Value, i int) (string, error) {
	if s, ok := exportAs[string](argument(args, i)); ok {
		return s, nil
	}
	return "", fmt.Errorf("argument %d must be a string", i+1)
}

// stringArgs returns the first n arguments, which must be strings.
func stringArgs(args []goja.Value, n int) ([]string, error) {
	out := make([]string, n)
	for i := range out {
		s, err := stringArg(args, i)
		if err != nil {
			return nil, err
		}
		out[i] = s
	}
	return out, nil
}

// bytesArg returns the bytes of an argument, a string or a binary value.
func (r *run) bytesArg(args []goja.Value, i int) ([]byte, error) {
	v := argument(args, i)
	if s, ok := exportAs[string](v); ok {
		return []byte(s), nil
	}
	out, err := r.encode(v, forDatabase)
	if b, ok := out.(bson.Binary); ok && err == nil {
		return b.Data, nil
	}
	return nil, fmt.Errorf("argument %d must be a string or bytes", i+1)
}

func newAEAD(kind, key string) (cipher.AEAD, error) {
	if kind != "aes" {
		return nil, fmt.Errorf("unknown encryption type %q (available: aes)", kind)
	}
	block, err := aes.NewCipher([]byte(key))
	if err != nil {
		return nil, errors.New("an AES key must have 16, 24 or 32 bytes")
	}
	return cipher.NewGCM(block)
}

// encrypt encrypts with AES-GCM; the result begins with the nonce.
func encrypt(r *run, args []goja.Value) (goja.Value, error) {
	params, err := stringArgs(args, 3)
	if err != nil {
		return nil, err
	}
	aead, err := newAEAD(params[0], params[2])
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	rand.Read(nonce)
	return r.wrap(bson.Binary{Data: aead.Seal(nonce, nonce, []byte(params[1]), nil)}), nil
}

func decrypt(r *run, args []goja.Value) (goja.Value, error) {
	kind, err := stringArg(args, 0)
	if err != nil {
		return nil, err
	}
	secret, err := r.bytesArg(args, 1)
	if err != nil {
		return nil, err
	}
	key, err := stringArg(args, 2)
	if err != nil {
		return nil, err
	}
	aead, err := newAEAD(kind, key)
	if err != nil {
		return nil, err
	}
	n := aead.NonceSize()
	if len(secret) < n {
		return nil, errors.New("the message is too short")
	}
	open, err := aead.Open(nil, secret[:n], secret[n:], nil)
	if err != nil {
		return nil, errors.New("wrong key, or the message was changed")
	}
	return r.wrap(bson.Binary{Data: open}), nil
}

// hashOf implements hash(function, input).
func hashOf(r *run, args []goja.Value) (goja.Value, error) {
	name, err := stringArg(args, 0)
	if err != nil {
		return nil, err
	}
	make, err := hashes(name)
	if err != nil {
		return nil, err
	}
	input, err := r.bytesArg(args, 1)
	if err != nil {
		return nil, err
	}
	h := make()
	h.Write(input)
	return r.wrap(bson.Binary{Data: h.Sum(nil)}), nil
}

// hmacOf implements hmac(input, secret, function, format).
func hmacOf(r *run, args []goja.Value) (goja.Value, error) {
	params, err := stringArgs(args, 4)
	if err != nil {
		return nil, err
	}
	make, err := hashes(params[2])
	if err != nil {
		return nil, err
	}
	h := hmac.New(make, []byte(params[1]))
	h.Write([]byte(params[0]))
	switch params[3] {
	case "hex":
		return r.vm.ToValue(hex.EncodeToString(h.Sum(nil))), nil
	case "base64":
		return r.vm.ToValue(base64.StdEncoding.EncodeToString(h.Sum(nil))), nil
	}
	return nil, fmt.Errorf("unknown format %q (available: hex, base64)", params[3])
}

// isPSS returns which of the two RSA signature schemes an argument names.
func isPSS(args []goja.Value, i int) (pss bool, err error) {
	name := "pss"
	if v := argument(args, i); isPresent(v) {
		name = v.String()
	}
	if name != "pss" && name != "pkcs1v15" {
		return false, fmt.Errorf("unknown signature scheme %q (available: pss, pkcs1v15)", name)
	}
	return name == "pss", nil
}

// sign implements sign("rsa", message, key, scheme); it signs the message's SHA-256.
func sign(r *run, args []goja.Value) (goja.Value, error) {
	params, err := stringArgs(args, 3)
	if err != nil {
		return nil, err
	}
	pss, err := isPSS(args, 3)
	if err != nil {
		return nil, err
	}
	if params[0] != "rsa" {
		return nil, fmt.Errorf("unknown encryption type %q (available: rsa)", params[0])
	}
	parsed, _ := tokenKey(jose.RS256, params[2], parsePrivateKey)
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("the key is not an RSA private key in PEM format")
	}
	sum := sha256.Sum256([]byte(params[1]))
	var signature []byte
	if pss {
		signature, err = rsa.SignPSS(rand.Reader, key, crypto.SHA256, sum[:], nil)
	} else {
		signature, err = rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	}
	if err != nil {
		return nil, err
	}
	return r.wrap(bson.Binary{Data: signature}), nil
}

// verify implements verify("rsa", message, key, signature, scheme).
func verify(r *run, args []goja.Value) (goja.Value, error) {
	params, err := stringArgs(args, 3)
	if err != nil {
		return nil, err
	}
	signature, err := r.bytesArg(args, 3)
	if err != nil {
		return nil, err
	}
	pss, err := isPSS(args, 4)
	if err != nil {
		return nil, err
	}
	if params[0] != "rsa" {
		return nil, fmt.Errorf("unknown encryption type %q (available: rsa)", params[0])
	}
	parsed, _ := tokenKey(jose.RS256, params[2], parsePublicKey)
	key, ok := parsed.(*rsa.PublicKey)
	if !ok {
		return nil, errors.New("the key is not an RSA public key in PEM format")
	}
	sum := sha256.Sum256([]byte(params[1]))
	if pss {
		err = rsa.VerifyPSS(key, crypto.SHA256, sum[:], signature, nil)
	} else {
		err = rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature)
	}
	return r.vm.ToValue(err == nil), nil
}

// loadCrypto is the most used part of Node's crypto: hashes, HMACs, random bytes and comparison in constant time.
func loadCrypto(vm *goja.Runtime, module *goja.Object) {
	exports := module.Get("exports").ToObject(vm)
	started := func(start func(call goja.FunctionCall) (hash.Hash, error)) func(goja.FunctionCall) goja.Value {
		return func(call goja.FunctionCall) goja.Value {
			h, err := start(call)
			if err != nil {
				panic(vm.NewTypeError(err.Error()))
			}
			return hashObject(vm, h)
		}
	}
	_ = exports.Set("createHash", started(func(call goja.FunctionCall) (hash.Hash, error) {
		make, err := hashes(call.Argument(0).String())
		if err != nil {
			return nil, err
		}
		return make(), nil
	}))
	_ = exports.Set("createHmac", started(func(call goja.FunctionCall) (hash.Hash, error) {
		make, err := hashes(call.Argument(0).String())
		if err != nil {
			return nil, err
		}
		return hmac.New(make, buffer.DecodeBytes(vm, call.Argument(1), goja.Undefined())), nil
	}))
	_ = exports.Set("randomBytes", func(call goja.FunctionCall) goja.Value {
		n := call.Argument(0).ToInteger()
		if n < 0 || n > maxItems {
			panic(vm.NewTypeError("randomBytes: the size must be 0 to %d", maxItems))
		}
		data := make([]byte, n)
		rand.Read(data)
		return buffer.WrapBytes(vm, data)
	})
	_ = exports.Set("randomUUID", func(goja.FunctionCall) goja.Value { return vm.ToValue(textOf(randomUUID())) })
	_ = exports.Set("timingSafeEqual", func(call goja.FunctionCall) goja.Value {
		a, b := buffer.DecodeBytes(vm, call.Argument(0), goja.Undefined()), buffer.DecodeBytes(vm, call.Argument(1),
			goja.Undefined())
		if len(a) != len(b) {
			panic(vm.NewTypeError("timingSafeEqual: the arguments must have the same length"))
		}
		return vm.ToValue(subtle.ConstantTimeCompare(a, b) == 1)
	})
}

// hashObject returns an object with update and digest.
func hashObject(vm *goja.Runtime, h hash.Hash) goja.Value {
	o := vm.NewObject()
	_ = o.Set("update", func(call goja.FunctionCall) goja.Value {
		h.Write(buffer.DecodeBytes(vm, call.Argument(0), call.Argument(1)))
		return o
	})
	_ = o.Set("digest", func(call goja.FunctionCall) goja.Value {
		return buffer.EncodeBytes(vm, h.Sum(nil),
			call.Argument(0))
	})
	return o
}
